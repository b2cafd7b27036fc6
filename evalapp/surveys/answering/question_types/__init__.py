"""One class for each type of question: how it is drawn, how what was sent is read, how an answer is said back."""
