"""What is drawn of a session? Measures become series: the same ones feed the page, its tables and the documents."""
