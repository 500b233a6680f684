//! What the registry tells the others of its things. No personal data leaves it this way.

use registry_contract::v1::{ContactFact, CustomerFact, HoldingFact, PositionFact};
use registry_contract::{Contact, Customer, CustomerId, CustomerKind, Holding, Position};

pub fn customer_fact(customer: &Customer) -> CustomerFact {
    // A consumer's name is a person's.
    let is_person = customer.kind == CustomerKind::Consumer;
    CustomerFact {
        customer_id: customer.id,
        sequence: customer.version,
        code: customer.code.clone(),
        name: (!is_person).then(|| customer.name.clone()),
        kind: customer.kind,
        tier: customer.tier,
        lifecycle: customer.lifecycle,
        owner: customer.owner.clone(),
        parent_id: customer.parent_id,
        external_ids: customer.external_ids.clone(),
        roles: customer.roles.clone(),
        // Where a consumer lives is nobody's business either.
        country: customer.country.clone().filter(|_| !is_person),
        region_code: customer.region_code.clone().filter(|_| !is_person),
        industry_code: customer.industry_code.clone(),
    }
}

pub fn contact_fact(contact: &Contact) -> ContactFact {
    ContactFact { contact_id: contact.id, customer_id: contact.customer_id, sequence: contact.version }
}

pub fn position_fact(position: &Position) -> PositionFact {
    PositionFact {
        position_id: position.id,
        customer_id: position.customer_id,
        sequence: position.version,
        decision_role: position.decision_role,
        vote_weight: position.vote_weight,
    }
}

pub fn holding_fact(holding: &Holding, customer_id: CustomerId) -> HoldingFact {
    HoldingFact {
        holding_id: holding.id,
        contact_id: holding.contact_id,
        position_id: holding.position_id,
        customer_id,
        from: holding.from,
        until: holding.until,
        sequence: holding.version,
    }
}
