"""What Discord lays down for all: numbers and forms that know nothing of the world."""
