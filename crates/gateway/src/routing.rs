//! Which operation a request is for: built from the OpenAPI documents, never from code of the services.

mod path;
mod table;

pub use path::canonical;
pub use table::{Access, Operation, Owner, Resource, Table};
