//! The pages as a browser meets them, over a backend of its own.

mod agreements;
mod alone;
mod browser;
mod fake;
mod forms;
mod headers;
mod once;
mod persons;
mod rendering;
mod rights;
mod steps;
mod walk;
