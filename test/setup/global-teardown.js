const { remove } = require('./temporary-directory');

module.exports = remove;
