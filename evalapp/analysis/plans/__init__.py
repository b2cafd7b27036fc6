"""Plans: what will be estimated and how, read, checked and registered; and the templates programmes start from."""
