//! What is generated from the command line, and what the repository promises about itself.
