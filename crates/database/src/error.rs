use diesel::result::{DatabaseErrorKind, Error as Diesel};

pub type Result<T> = std::result::Result<T, Error>;

/// Why the database did not do what was asked. The texts of its own errors stay in `source`, for the log: they may
/// quote data.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("a unique value is taken ({constraint})")]
    Unique { constraint: String },
    #[error("a referenced row does not exist ({constraint})")]
    ForeignKey { constraint: String },
    #[error("no such row")]
    NotFound,
    /// A conflict with another transaction: doing the whole transaction again may succeed.
    #[error("the transaction met another one")]
    Conflict(#[source] Diesel),
    #[error("the database cannot be reached")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the database failed")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }

    pub fn unavailable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(error.into())
    }

    /// Whether the same may succeed later: the database was busy or away.
    #[must_use]
    pub const fn passes(&self) -> bool {
        matches!(self, Self::Conflict(_) | Self::Unavailable(_))
    }

    /// Whether a unique constraint was met whose name or columns contain `part`: PostgreSQL names the constraint,
    /// SQLite `table.column`.
    #[must_use]
    pub fn is_unique(&self, part: &str) -> bool {
        matches!(self, Self::Unique { constraint } if constraint.contains(part))
    }
}

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        match error {
            Diesel::NotFound => Self::NotFound,
            Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, ref info) => {
                Self::Unique { constraint: constraint(info.as_ref()) }
            }
            Diesel::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, ref info) => {
                Self::ForeignKey { constraint: constraint(info.as_ref()) }
            }
            Diesel::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Conflict(error),
            Diesel::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, _)
            | Diesel::BrokenTransactionManager => Self::Unavailable(error.into()),
            Diesel::DatabaseError(_, ref info) if is_deadlock(info.message()) => Self::Conflict(error),
            Diesel::DatabaseError(_, ref info) if is_passing(info.message()) => Self::Unavailable(error.into()),
            other => Self::Other(other.into()),
        }
    }
}

/// PostgreSQL's 40P01, which diesel knows only by its text.
fn is_deadlock(message: &str) -> bool {
    message.contains("deadlock detected")
}

/// States of a server that starts, stops or is busy, which diesel knows only by their text.
fn is_passing(message: &str) -> bool {
    ["starting up", "shutting down", "terminating connection", "database is locked", "connection closed"]
        .iter()
        .any(|text| message.contains(text))
}

fn constraint(info: &dyn diesel::result::DatabaseErrorInformation) -> String {
    match info.constraint_name() {
        Some(name) => name.to_owned(),
        // SQLite: "UNIQUE constraint failed: customers.code"
        None => info.message().rsplit(": ").next().unwrap_or_default().to_owned(),
    }
}
