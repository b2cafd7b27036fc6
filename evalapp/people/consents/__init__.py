"""What people were asked, what they said, and whether their data may be used for a purpose today."""
