use registry_contract::{CustomFilters, Customer, CustomerQuery};

use super::search::Place;
use super::without_personal;

/// How much of consumers a caller sees. What he does not see leads him to nobody either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Who may read contacts.
    Everything,
    /// Without what [`without_personal`] leaves out, and without contacts.
    NothingPersonal,
}

impl Sight {
    pub fn new(reads_contacts: bool) -> Self {
        if reads_contacts { Self::Everything } else { Self::NothingPersonal }
    }

    pub fn is_everything(self) -> bool {
        self == Self::Everything
    }

    /// Where `q` looks for a customer in a list.
    pub fn places(self) -> &'static [Place] {
        match self {
            Self::Everything => Place::ALL,
            Self::NothingPersonal => Place::OF_CUSTOMERS,
        }
    }

    /// The same, contacts left out for whoever sees them beside the customers.
    pub fn own_places(self) -> &'static [Place] {
        match self {
            Self::Everything => Place::OF_CUSTOMERS_AND_PERSONS,
            Self::NothingPersonal => Place::OF_CUSTOMERS,
        }
    }

    /// Whether the filters ask for what this caller does not see of consumers, so that none of these may come of it.
    pub fn passes_consumers_over(self, wanted: &CustomerQuery) -> bool {
        let CustomerQuery { identifier, custom: CustomFilters(custom), .. } = wanted;
        self == Self::NothingPersonal && (identifier.is_some() || !custom.is_empty())
    }

    /// The customer as this caller sees it.
    pub fn of(self, customer: Customer) -> Customer {
        match self {
            Self::Everything => customer,
            Self::NothingPersonal => without_personal(customer),
        }
    }
}
