"""What a programme teaches: modules and what each should bring."""
