"""What differs between one installation and another, and the forms and programmes that ship with the product."""
