#![doc = include_str!("../README.md")]

mod codes;
mod document;
mod failure;

pub use codes::{CONTENDED, Code, INTERNAL, UNAVAILABLE};
pub use document::{CONTENT_TYPE, FieldError, Language, Problem};
pub use failure::{Describe, Failure};

pub type Result<T> = std::result::Result<T, Failure>;
