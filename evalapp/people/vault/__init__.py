"""The identity vault: names, phones and addresses, sealed field by field, apart from everything that is analysed."""
