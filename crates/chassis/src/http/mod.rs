//! What handlers are made of: extractors in, answers out.

mod answers;
mod body;
mod cursor;
mod etag;
mod paging;
mod path;
mod query;

pub use answers::{created, found};
pub use body::{BODY_LIMIT, Body, parse, validate};
pub use etag::{IfMatch, Stale};
pub(crate) use paging::CursorKey;
pub use paging::{ListQuery, Paging};
pub use path::Path;
pub use query::Query;

pub use crate::refusal::Refusal;
pub(crate) use body::{media_type, read};
pub(crate) use etag::is_unchanged;
