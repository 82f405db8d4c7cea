import { editablePackages } from '../../../../lib/private/python/python-editable';
import { project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

const installed = (url: object) => ({ 'greet-1.0.0.dist-info/direct_url.json': JSON.stringify(url) });

test('a package that was installed editable is found with where it is', () => {
  const folder = project({
    ...installed({ url: 'file:///home/me/greet', dir_info: { editable: true } }),
    '_greet.pth': '/home/me/greet/src',
  });
  expect(editablePackages(folder)).toEqual(['greet (file:///home/me/greet)']);
});

test('a path file that leads out of the bundle is found, whoever wrote it', () => {
  expect(editablePackages(project({ 'greet.pth': 'import greet\n/home/me/greet/src\n' }))).toEqual([
    'greet.pth (/home/me/greet/src)',
  ]);
});

test('a package that brings its files is let in, and so is a path file that only runs code', () => {
  const folder = project({
    ...installed({ url: 'file:///home/me/greet.whl', archive_info: {} }),
    'other-1.0.0.dist-info/METADATA': '',
    'distutils-precedence.pth': 'import os; enabled = True\n',
  });
  expect(editablePackages(folder)).toEqual([]);
});
