"""From equations to code: one plan of array operations, and a file for each target."""
