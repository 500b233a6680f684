use chrono::{DateTime, Utc};
use complaints_contract::{Channel, Complainant, Confidential};

use super::Faults;

/// How a complaint came, and who may read what of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intake {
    pub reported_by: Option<String>,
    pub complainant: Option<Complainant>,
    /// In the order of the contract, each once.
    pub confidential: Vec<Confidential>,
    /// As of when its source last reported.
    pub as_of: Option<DateTime<Utc>>,
    /// Since when nothing is kept of who complained, for good: nobody is told anything then.
    pub erased_at: Option<DateTime<Utc>>,
}

impl Intake {
    #[must_use]
    pub fn hides(&self, part: Confidential) -> bool {
        self.confidential.contains(&part)
    }
}

/// Each once, in the order of the contract.
pub fn in_order(parts: &[Confidential]) -> Vec<Confidential> {
    Confidential::ALL.iter().copied().filter(|part| parts.contains(part)).collect()
}

pub fn complainant(given: &Complainant, faults: &mut Faults) -> Option<Complainant> {
    let known = Complainant {
        name: faults.some_text("/complainant/name", given.name.as_deref(), 200),
        email: given.email.as_deref().map(|email| faults.email("/complainant/email", email)),
        phone: given.phone.as_deref().map(|phone| faults.phone("/complainant/phone", phone)),
        preferred_channel: given.preferred_channel,
    };
    let (way, address) = match known.preferred_channel {
        Some(Channel::Email) => ("email", known.email.is_some()),
        Some(Channel::Phone) => ("phone", known.phone.is_some()),
        _ => ("", true),
    };
    if !address {
        let message = format!("needs the {way} of whoever complains");
        faults.add("/complainant/preferred_channel", "address-missing", message);
    }
    if known.preferred_channel == Some(Channel::Internal) {
        let message = "must be a way by which whoever complains can be told";
        faults.add("/complainant/preferred_channel", "not-a-way", message);
    }
    (known != Complainant::default()).then_some(known)
}
