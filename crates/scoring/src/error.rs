use problem::FieldError;

/// Why the service did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("customer {0} is not known here yet or has no score yet; it gets one within moments of being registered")]
    ScoreNotYet(String),
    #[error("{} of the customers are not known here", .0.len())]
    CustomersUnknown(Vec<FieldError>),
    #[error(transparent)]
    Database(#[from] database::Error),
}

problem::codes! {
    Error {
        ScoreNotYet(..) => "score-not-yet", 404, "No score yet", "尚无评分";
        CustomersUnknown(..) => "customer-unknown", 422, "Customer unknown", "客户未知";
        Database(database::Error::Unavailable(_)) => problem::UNAVAILABLE;
        Database(database::Error::Conflict(_)) => problem::CONTENDED;
        Database(_) => problem::INTERNAL;
    }
    fn errors(&self) -> Vec<FieldError> {
        match self {
            Self::CustomersUnknown(faults) => faults.clone(),
            Self::ScoreNotYet(_) | Self::Database(_) => vec![],
        }
    }
}
