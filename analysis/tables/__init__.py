"""Tables: data rows and scenario assumptions brought together by the model functions."""
