"""Named things every stage stands on: database, errors, identifiers, languages, clock, tables read from files."""
