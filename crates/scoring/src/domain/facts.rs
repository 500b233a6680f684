use complaints_contract::v1::ComplaintFact;
use interactions_contract::v1::InteractionFact;
use registry_contract::v1::{ContactFact, CustomerFact, HoldingFact, PositionFact};

/// All that is known of one customer, in no particular order: the newest snapshot of each thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    pub customer: CustomerFact,
    pub contacts: Vec<ContactFact>,
    pub positions: Vec<PositionFact>,
    pub holdings: Vec<HoldingFact>,
    pub interactions: Vec<InteractionFact>,
    pub complaints: Vec<ComplaintFact>,
}

impl Facts {
    /// Of a customer of whom nothing but itself is known.
    pub fn of(customer: CustomerFact) -> Self {
        Self {
            customer,
            contacts: Vec::new(),
            positions: Vec::new(),
            holdings: Vec::new(),
            interactions: Vec::new(),
            complaints: Vec::new(),
        }
    }
}
