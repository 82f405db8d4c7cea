import { App } from 'aws-cdk-lib';
import { ExpenseTrackerStack } from './expense-tracker-stack';

new ExpenseTrackerStack(new App(), 'ExpenseTracker');
