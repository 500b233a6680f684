//! What the registry tells the others of its things. No personal data leaves it this way.

use registry_contract::v1::{
    ChainSeatFact, ConsentFact, ContactFact, CustomerFact, DecisionChainFact, EmployeeFact, EmployeeTeam, HoldingFact,
    InfluenceFact, LineShares, PositionFact, ProfileFact, QualificationFact, TeamMemberFact, TieringFact, TransferFact,
    VendorSharesFact,
};
use registry_contract::{
    ChainSeat, ConsentEntry, Contact, Customer, CustomerId, CustomerKind, Employee, Holding, Influence, LineStructure,
    OpportunityId, Period, Position, Qualification, TeamMember, VendorKind,
};

use crate::store::{ProfileVersionRow, TeamRow, TierChangeRow, TierProposalRow, TransferRow};

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
        language: (!is_person).then(|| customer.language.clone()),
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

/// Of an approved version only.
pub fn profile_fact(row: &ProfileVersionRow) -> Option<ProfileFact> {
    Some(ProfileFact {
        customer_id: row.customer_id.get(),
        section: row.section.0,
        sequence: row.number,
        valid_until: row.valid_until,
        approved_at: row.approved_at?.into(),
    })
}

pub fn vendor_shares_fact(
    customer_id: CustomerId,
    period: Period,
    sequence: i64,
    lines: &[LineStructure],
) -> VendorSharesFact {
    let rivals = |line: &LineStructure| {
        let rivals = line.holders.iter().filter(|holder| holder.kind == VendorKind::Competitor);
        rivals.map(|holder| holder.share_bp).max()
    };
    let lines = lines.iter().map(|line| LineShares {
        product_line: line.product_line.clone(),
        wallet: line.wallet,
        our_share_bp: line.our_share_bp,
        largest_rival_bp: rivals(line),
        known_bp: line.known_bp,
    });
    VendorSharesFact { customer_id, period, sequence, lines: lines.collect() }
}

/// Of a decided qualification only.
pub fn qualification_fact(one: &Qualification) -> Option<QualificationFact> {
    let verdict = one.decision.as_ref()?;
    Some(QualificationFact {
        customer_id: one.customer_id,
        sequence: verdict.number,
        qualification_id: one.id,
        policy_version: one.policy_version,
        score: one.result.score,
        outcome: one.result.outcome,
        decision: verdict.decision,
        decided_at: verdict.at,
    })
}

pub fn tiering_fact(change: &TierChangeRow, proposal: &TierProposalRow) -> TieringFact {
    TieringFact {
        customer_id: change.customer_id.get(),
        sequence: change.sequence,
        from: change.from_tier.0,
        to: change.to_tier.0,
        policy_tier: proposal.policy_tier.clone(),
        policy_version: proposal.policy_version.clone(),
        from_policy_tier: change.from_policy_tier.clone(),
        effective_at: change.effective_at.into(),
        reason_code: proposal.source.0,
        proposal_id: proposal.id.get(),
    }
}

/// Of a completed transfer.
pub fn transfer_fact(transfer: &TransferRow) -> Option<TransferFact> {
    Some(TransferFact {
        transfer_id: transfer.id.get(),
        customer_id: transfer.customer_id.get(),
        sequence: transfer.sequence?,
        from: transfer.from_owner.clone(),
        to: transfer.to_owner.clone(),
        completed_at: transfer.ended_at?.into(),
    })
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

/// `team` is the one he belongs to.
pub fn employee_fact(employee: &Employee, team: Option<&TeamRow>) -> EmployeeFact {
    EmployeeFact {
        employee_id: employee.id,
        sequence: employee.version,
        code: employee.code.clone(),
        team: team.map(|team| EmployeeTeam {
            id: team.id.get(),
            code: team.code.clone(),
            name: team.name.clone(),
            lead_id: team.lead_id.map(|id| id.get()),
        }),
        active_from: employee.active_from,
        active_until: employee.active_until,
        manager_id: employee.manager_id,
    }
}

pub fn team_member_fact(member: &TeamMember) -> TeamMemberFact {
    TeamMemberFact {
        team_member_id: member.id,
        customer_id: member.customer_id,
        sequence: member.version,
        employee_id: member.employee_id,
        role: member.role,
        from: member.from,
        until: member.until,
    }
}
