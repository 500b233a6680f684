use serde::Serialize;
use uuid::Uuid;

/// A thing with an address of its own and a version that grows with each change.
pub trait Entity: Serialize {
    /// Path of the collection, such as `/api/v1/customers`.
    const PATH: &'static str;

    fn id(&self) -> Uuid;

    /// Starts at 1; shown to callers as `ETag`.
    fn version(&self) -> i64;
}

/// Declares where a thing is found that has an `id` and a `version`: `wire::entity!(Customer at "/api/v1/customers");`
#[macro_export]
macro_rules! entity {
    ($name:ident at $path:literal) => {
        impl $crate::Entity for $name {
            const PATH: &'static str = $path;

            fn id(&self) -> $crate::reexport::uuid::Uuid {
                self.id.into()
            }

            fn version(&self) -> i64 {
                self.version
            }
        }
    };
}
