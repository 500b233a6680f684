use problem::FieldError;

/// Why the service did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no interaction {0}")]
    InteractionNotFound(String),
    #[error("{} of the interaction's fields are wrong", .0.len())]
    Invalid(Vec<FieldError>),
    #[error("no customer is known by the code {code:?}; use its id, or wait until the registry's event has arrived")]
    CustomerUnknown { code: String },
    #[error("{refused} of {rows} rows are wrong, so none was logged; correct them, or use mode=per_row")]
    RowsInvalid { refused: usize, rows: usize, faults: Vec<FieldError> },
    #[error(transparent)]
    Stale(#[from] chassis::http::Stale),
    #[error(transparent)]
    Database(#[from] database::Error),
}

problem::codes! {
    Error {
        InteractionNotFound(..) => "interaction-not-found", 404, "Interaction not found", "接触记录不存在";
        Invalid(..) => "interaction-invalid", 422, "Interaction invalid", "接触记录内容有误";
        CustomerUnknown { .. } => "customer-unknown", 422, "Customer unknown", "客户未知";
        RowsInvalid { .. } => "rows-invalid", 422, "Rows invalid", "部分行有误";
        Stale(..) => "version-stale", 412, "Version stale", "版本已过期";
        Database(database::Error::Unavailable(_)) => problem::UNAVAILABLE;
        Database(database::Error::Conflict(_)) => problem::CONTENDED;
        Database(_) => problem::INTERNAL;
    }
    fn errors(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(faults) | Self::RowsInvalid { faults, .. } => faults.clone(),
            Self::CustomerUnknown { code } => vec![customer_unknown(code)],
            Self::InteractionNotFound(_) | Self::Stale(_) | Self::Database(_) => vec![],
        }
    }
}

/// The fault of a field that names a customer by a code nobody has.
pub fn customer_unknown(code: &str) -> FieldError {
    FieldError::new("/customer_id", "customer-unknown", format!("no customer is known by the code {code:?}"))
}
