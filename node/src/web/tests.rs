//! The pages as a browser meets them, over a backend of its own.

mod agreements;
mod browser;
mod fake;
mod forms;
mod headers;
mod once;
mod rendering;
mod rights;
mod steps;
mod walk;
