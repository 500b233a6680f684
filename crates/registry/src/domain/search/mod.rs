//! How customers and contacts are found: by which texts, in which order, and how a question is read.

mod fold;
pub mod names;
mod order;
pub mod phone;
pub mod pinyin;
mod question;
mod terms;

pub use fold::{fold, key};
pub use order::sort_name;
pub use question::{Attempt, Needle, Question};
pub use terms::{Place, Term, contact_terms, customer_terms};
