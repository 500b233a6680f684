mod keys;
mod sessions;
mod users;

pub use keys::{issue_api_key, revoke_api_key};
pub use sessions::{change_password, close_session, open_session};
pub use users::{change_user, create_user};

use problem::FieldError;

use crate::domain::{Fault, Role};

/// Collects what is wrong, so that all of it is told at once.
#[derive(Default)]
struct Faults(Vec<FieldError>);

impl Faults {
    fn note<T>(&mut self, pointer: &str, parsed: Result<T, Fault>) -> Option<T> {
        parsed.map_err(|fault| self.0.push(FieldError::new(pointer, fault.code, fault.message))).ok()
    }

    fn into_error(self) -> crate::error::Error {
        crate::error::Error::Invalid(self.0)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Each role once, in one order.
fn distinct(mut roles: Vec<Role>) -> Vec<Role> {
    roles.sort_unstable();
    roles.dedup();
    roles
}
