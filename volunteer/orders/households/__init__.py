"""What a household keeps here: places, people cared for, help that comes again, and what those who serve it must know."""
