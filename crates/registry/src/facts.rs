//! What the registry tells the others of its things. No personal data leaves it this way.

use registry_contract::v1::{
    ChainSeatFact, ConsentFact, ContactFact, CustomerFact, DecisionChainFact, HoldingFact, InfluenceFact, PositionFact,
};
use registry_contract::{
    ChainSeat, ConsentEntry, Contact, Customer, CustomerId, CustomerKind, Holding, Influence, OpportunityId, Position,
};

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
        level: position.level,
        reports_to: position.reports_to,
        closed_on: position.closed_on,
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

/// `parts` are what was set of seats, the influence, and how many stances were read in this chain.
pub fn chain_fact(
    customer_id: CustomerId,
    opportunity_id: Option<OpportunityId>,
    sequence: i64,
    (seats, influences, stance_readings): (&[ChainSeat], &[Influence], i64),
) -> DecisionChainFact {
    let seat = |seat: &ChainSeat| ChainSeatFact {
        position_id: seat.position_id,
        decision_role: seat.decision_role,
        vote_weight: seat.vote_weight,
        matching_employee: seat.matching_employee.clone(),
    };
    let influence = |i: &Influence| InfluenceFact { from: i.from, to: i.to, strength: i.strength };
    DecisionChainFact {
        chain_id: opportunity_id.map_or(customer_id.into(), Into::into),
        customer_id,
        opportunity_id,
        sequence,
        seats: seats.iter().map(seat).collect(),
        influences: influences.iter().map(influence).collect(),
        stance_readings,
    }
}

pub fn consent_fact(entry: &ConsentEntry) -> ConsentFact {
    ConsentFact {
        consent_id: entry.id,
        contact_id: entry.contact_id,
        customer_id: entry.customer_id,
        sequence: 1,
        purpose: entry.purpose,
        channel: entry.channel,
        decision: entry.decision,
        decided_at: entry.decided_at,
        has_evidence: entry.evidence.is_some(),
    }
}
