"""Right backward functions as people write them, a file for each family; each file stands alone."""
