"""The parts of a programme as forms: what each holds, how a form is read, which text it becomes."""
