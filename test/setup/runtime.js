// Each test file loads the modules anew, and with them one listener for errors of stderr.
process.stderr.setMaxListeners(0);
