use std::sync::Arc;

use registry_contract::{
    CustomerId, Duplicate, DuplicateCustomer, Employee, LineStructure, Position, Qualification, ShareHolder,
    ShareRecord, TeamMember, TierProposal, Vendor, VendorRelation,
};
use wire::Money;

use super::{Cell, Column};
use crate::domain::import::key_text;

/// Code and name of what an id stands for; none where they may not be told.
pub type Called = Option<(String, String)>;

/// An employee, with the codes of his team and of whom he reports to.
pub struct EmployeeLine {
    pub employee: Employee,
    pub team: Option<String>,
    pub manager: Option<String>,
}

/// That an employee works for a customer, with what both are called.
pub struct MemberLine {
    pub member: TeamMember,
    pub customer: Called,
    pub employee: Called,
}

/// A seat, with what its customer is called, and the title of the seat above.
pub struct PositionLine {
    pub position: Position,
    pub customer: Called,
    pub above: Option<String>,
}

/// A proposal of a tier, with what its customer is called.
pub struct ProposalLine {
    pub proposal: TierProposal,
    pub customer: Called,
}

/// A qualification, with what its customer is called.
pub struct QualificationLine {
    pub qualification: Qualification,
    pub customer: Called,
}

/// A vendor, with what its customer is called, and the name of the vendor that it is the same as.
pub struct VendorLine {
    pub vendor: Vendor,
    pub customer: Called,
    pub twin: Option<String>,
}

/// What one vendor has of a product line in a period, with what the customer is called. Without a holder nobody has anything
/// of the line, without a line there is none in the period.
pub struct ShareOfLine {
    pub record: Arc<ShareRecord>,
    pub customer_id: CustomerId,
    pub customer: Called,
    pub line: Option<Arc<LineStructure>>,
    pub holder: Option<ShareHolder>,
}

#[rustfmt::skip]
pub const DUPLICATES: &[Column<Duplicate>] = &[
    ("first_code", |d| one_of(d, 0, |one| one.code.clone())),
    ("first_name", |d| one_of(d, 0, |one| one.name.clone())),
    ("second_code", |d| one_of(d, 1, |one| one.code.clone())),
    ("second_name", |d| one_of(d, 1, |one| one.name.clone())),
    ("score", |d| Cell::number(Some(d.score))),
    ("reasons", |d| Cell::list(d.reasons.iter().map(ToString::to_string))),
    ("state", |d| Cell::plain(Some(d.state))),
    ("id", |d| Cell::plain(Some(d.id))),
    ("first_id", |d| one_of(d, 0, |one| one.id.to_string())),
    ("second_id", |d| one_of(d, 1, |one| one.id.to_string())),
    ("version", |d| Cell::number(Some(d.version))),
    ("created_at", |d| Cell::instant(d.created_at)),
    ("updated_at", |d| Cell::instant(d.updated_at)),
];

#[rustfmt::skip]
pub const EMPLOYEES: &[Column<EmployeeLine>] = &[
    ("code", |e| Cell::Text(e.employee.code.clone())),
    ("name", |e| Cell::Text(e.employee.name.clone())),
    ("title", |e| Cell::optional(e.employee.title.as_deref())),
    ("rank", |e| Cell::number(e.employee.rank)),
    ("email", |e| Cell::optional(e.employee.email.as_deref())),
    ("team", |e| Cell::optional(e.team.as_deref())),
    ("manager", |e| Cell::optional(e.manager.as_deref())),
    ("active_from", |e| Cell::plain(Some(e.employee.active_from))),
    ("active_until", |e| Cell::plain(e.employee.active_until)),
    ("external_ids", |e| Cell::list(e.employee.external_ids.iter().map(key_text))),
    ("id", |e| Cell::plain(Some(e.employee.id))),
    ("team_id", |e| Cell::plain(e.employee.team_id)),
    ("manager_id", |e| Cell::plain(e.employee.manager_id)),
    ("version", |e| Cell::number(Some(e.employee.version))),
    ("created_at", |e| Cell::instant(e.employee.created_at)),
    ("updated_at", |e| Cell::instant(e.employee.updated_at)),
];

#[rustfmt::skip]
pub const MEMBERS: &[Column<MemberLine>] = &[
    ("customer_code", |m| code(&m.customer)),
    ("customer_name", |m| name(&m.customer)),
    ("employee_code", |m| code(&m.employee)),
    ("employee_name", |m| name(&m.employee)),
    ("role", |m| Cell::plain(Some(m.member.role))),
    ("from", |m| Cell::plain(Some(m.member.from))),
    ("until", |m| Cell::plain(m.member.until)),
    ("id", |m| Cell::plain(Some(m.member.id))),
    ("customer_id", |m| Cell::plain(Some(m.member.customer_id))),
    ("employee_id", |m| Cell::plain(Some(m.member.employee_id))),
    ("version", |m| Cell::number(Some(m.member.version))),
    ("created_at", |m| Cell::instant(m.member.created_at)),
    ("updated_at", |m| Cell::instant(m.member.updated_at)),
];

#[rustfmt::skip]
pub const POSITIONS: &[Column<PositionLine>] = &[
    ("customer_code", |p| code(&p.customer)),
    ("customer_name", |p| name(&p.customer)),
    ("title", |p| Cell::Text(p.position.title.clone())),
    ("level", |p| Cell::number(p.position.level)),
    ("reports_to_title", |p| Cell::optional(p.above.as_deref())),
    ("decision_role", |p| Cell::plain(p.position.decision_role)),
    ("vote_weight", |p| Cell::number(p.position.vote_weight)),
    ("closed_on", |p| Cell::plain(p.position.closed_on)),
    ("id", |p| Cell::plain(Some(p.position.id))),
    ("customer_id", |p| Cell::plain(Some(p.position.customer_id))),
    ("reports_to", |p| Cell::plain(p.position.reports_to)),
    ("version", |p| Cell::number(Some(p.position.version))),
    ("created_at", |p| Cell::instant(p.position.created_at)),
    ("updated_at", |p| Cell::instant(p.position.updated_at)),
];

#[rustfmt::skip]
pub const PROPOSALS: &[Column<ProposalLine>] = &[
    ("customer_code", |p| code(&p.customer)),
    ("customer_name", |p| name(&p.customer)),
    ("from_tier", |p| Cell::plain(Some(p.proposal.from_tier))),
    ("tier", |p| Cell::plain(Some(p.proposal.tier))),
    ("policy_tier", |p| Cell::Text(p.proposal.policy_tier.clone())),
    ("policy_version", |p| Cell::Text(p.proposal.policy_version.clone())),
    ("state", |p| Cell::plain(Some(p.proposal.state))),
    ("source", |p| Cell::plain(Some(p.proposal.source))),
    ("proposed_by", |p| Cell::Text(p.proposal.proposed_by.clone())),
    ("reason", |p| Cell::Text(p.proposal.reason.clone())),
    ("evidence", |p| Cell::list(p.proposal.evidence.iter().cloned())),
    ("approvals_needed", |p| Cell::number(Some(p.proposal.approvals_needed))),
    ("deciders", |p| Cell::list(p.proposal.decisions.iter().map(|one| format!("{}:{}", one.verdict, one.decider)))),
    ("effective_from", |p| Cell::plain(p.proposal.effective_from)),
    ("effective_at", |p| p.proposal.effective_at.map_or(Cell::Empty, Cell::instant)),
    ("id", |p| Cell::plain(Some(p.proposal.id))),
    ("customer_id", |p| Cell::plain(Some(p.proposal.customer_id))),
    ("version", |p| Cell::number(Some(p.proposal.version))),
    ("created_at", |p| Cell::instant(p.proposal.created_at)),
    ("updated_at", |p| Cell::instant(p.proposal.updated_at)),
];

#[rustfmt::skip]
pub const QUALIFICATIONS: &[Column<QualificationLine>] = &[
    ("customer_code", |q| code(&q.customer)),
    ("customer_name", |q| name(&q.customer)),
    ("policy_version", |q| Cell::number(Some(q.qualification.policy_version))),
    ("score", |q| Cell::number(Some(q.qualification.result.score))),
    ("outcome", |q| Cell::plain(Some(q.qualification.result.outcome))),
    ("knocked_out_by", |q| Cell::list(q.qualification.result.knocked_out_by.iter().cloned())),
    ("decision", |q| Cell::plain(q.qualification.decision.as_ref().map(|made| made.decision))),
    ("decision_reason", |q| Cell::optional(q.qualification.decision.as_ref().map(|made| made.reason.as_str()))),
    ("decided_by", |q| Cell::optional(q.qualification.decision.as_ref().map(|made| made.by.as_str()))),
    ("decided_at", |q| q.qualification.decision.as_ref().map_or(Cell::Empty, |made| Cell::instant(made.at))),
    ("created_by", |q| Cell::Text(q.qualification.created_by.clone())),
    ("id", |q| Cell::plain(Some(q.qualification.id))),
    ("customer_id", |q| Cell::plain(Some(q.qualification.customer_id))),
    ("version", |q| Cell::number(Some(q.qualification.version))),
    ("created_at", |q| Cell::instant(q.qualification.created_at)),
    ("updated_at", |q| Cell::instant(q.qualification.updated_at)),
];

#[rustfmt::skip]
pub const VENDORS: &[Column<VendorLine>] = &[
    ("customer_code", |v| code(&v.customer)),
    ("customer_name", |v| name(&v.customer)),
    ("kind", |v| Cell::plain(Some(v.vendor.kind))),
    ("name", |v| Cell::Text(v.vendor.name.clone())),
    ("strengths", |v| Cell::list(v.vendor.strengths.iter().cloned())),
    ("weaknesses", |v| Cell::list(v.vendor.weaknesses.iter().cloned())),
    ("relations", |v| Cell::list(v.vendor.relations.iter().map(relation))),
    ("note", |v| Cell::optional(v.vendor.note.as_deref())),
    ("same_as_name", |v| Cell::optional(v.twin.as_deref())),
    ("id", |v| Cell::plain(Some(v.vendor.id))),
    ("customer_id", |v| Cell::plain(Some(v.vendor.customer_id))),
    ("same_as", |v| Cell::plain(v.vendor.same_as)),
    ("version", |v| Cell::number(Some(v.vendor.version))),
    ("created_at", |v| Cell::instant(v.vendor.created_at)),
    ("updated_at", |v| Cell::instant(v.vendor.updated_at)),
];

#[rustfmt::skip]
pub const VENDOR_SHARES: &[Column<ShareOfLine>] = &[
    ("customer_code", |s| code(&s.customer)),
    ("customer_name", |s| name(&s.customer)),
    ("period", |s| Cell::plain(Some(s.record.period))),
    ("product_line", |s| Cell::optional(s.line.as_ref().map(|line| line.product_line.as_str()))),
    ("vendor_name", |s| Cell::optional(s.holder.as_ref().map(|holder| holder.name.as_str()))),
    ("vendor_kind", |s| Cell::plain(s.holder.as_ref().map(|holder| holder.kind))),
    ("share_bp", |s| Cell::number(s.holder.as_ref().map(|holder| holder.share_bp))),
    ("unknown_bp", |s| Cell::number(s.line.as_ref().map(|line| line.unknown_bp))),
    ("wallet", |s| Cell::number(wallet(s).map(|money| money.amount()))),
    ("wallet_currency", |s| Cell::optional(wallet(s).map(|money| money.currency.as_str()))),
    ("recorded_by", |s| Cell::Text(s.record.recorded_by.clone())),
    ("recorded_at", |s| Cell::instant(s.record.recorded_at)),
    ("revision", |s| Cell::number(Some(s.record.revision))),
    ("id", |s| Cell::plain(Some(s.record.id))),
    ("customer_id", |s| Cell::plain(Some(s.customer_id))),
    ("vendor_id", |s| Cell::plain(s.holder.as_ref().map(|holder| holder.vendor_id))),
];

/// What the customer spends on the line.
fn wallet(share: &ShareOfLine) -> Option<&Money> {
    share.line.as_ref()?.wallet.as_ref()
}

fn relation(relation: &VendorRelation) -> String {
    format!("{}:{}", relation.position_id, relation.note)
}

/// Something of one of a pair.
fn one_of(pair: &Duplicate, index: usize, read: fn(&DuplicateCustomer) -> String) -> Cell {
    pair.customers.get(index).map_or(Cell::Empty, |one| Cell::Text(read(one)))
}

fn code(called: &Called) -> Cell {
    Cell::optional(called.as_ref().map(|(code, _)| code.as_str()))
}

fn name(called: &Called) -> Cell {
    Cell::optional(called.as_ref().map(|(_, name)| name.as_str()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::export::columns;

    fn names<T>(all: &[Column<T>]) -> Vec<&'static str> {
        all.iter().map(|(name, _)| *name).collect()
    }

    #[test]
    fn no_name_is_there_twice() {
        for all in [
            names(DUPLICATES),
            names(EMPLOYEES),
            names(MEMBERS),
            names(POSITIONS),
            names(PROPOSALS),
            names(QUALIFICATIONS),
            names(VENDORS),
            names(VENDOR_SHARES),
        ] {
            assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "{all:?}");
        }
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let chosen = |asked: Option<&str>| columns(POSITIONS, asked).map(|found| names(&found));
        assert_eq!(chosen(None), Ok(names(POSITIONS)));
        assert_eq!(chosen(Some("level, title")), Ok(vec!["level", "title"]));
        let faults = chosen(Some("title,shoe_size,title")).expect_err("two faults").into_vec();
        let codes: Vec<_> = faults.iter().map(|fault| fault.code.as_str()).collect();
        assert_eq!(codes, ["unknown-column", "not-unique"]);
    }
}
