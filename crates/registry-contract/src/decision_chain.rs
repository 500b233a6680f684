use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wire::Entity;

use crate::{
    ChainEdgeKind, ContactId, CustomerId, DecisionRole, FindingCode, OpportunityId, PositionId, Stance, StanceId,
};

/// What somebody of ours says a holder of a seat thinks of us, on a day. Readings are kept; the latest by day counts,
/// and of those of one day the one recorded last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StanceReading {
    pub id: StanceId,
    pub customer_id: CustomerId,
    pub position_id: PositionId,
    pub contact_id: ContactId,
    /// Set where it was read for this opportunity only.
    pub opportunity_id: Option<OpportunityId>,
    pub stance: Stance,
    pub read_on: NaiveDate,
    /// Who of ours read it, as it was given.
    pub read_by: String,
    /// What it rests on.
    pub note: Option<String>,
    pub created_at: DateTime<Utc>,
}

impl Entity for StanceReading {
    const PATH: &'static str = "/api/v1/stances";

    fn id(&self) -> Uuid {
        self.id.into()
    }

    /// A reading never changes.
    fn version(&self) -> i64 {
        1
    }
}

/// A reading to record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStance {
    /// Who holds the seat on that day.
    pub contact_id: ContactId,
    /// Only where it holds for this opportunity alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opportunity_id: Option<OpportunityId>,
    pub stance: Stance,
    /// Not in the future where the customer is.
    pub read_on: NaiveDate,
    /// Who of ours read it: an employee's code, or whatever else tells. No code is refused, since the employee may come to be
    /// known later.
    #[schema(min_length = 1, max_length = 100, example = "li.wei")]
    pub read_by: String,
    /// What it rests on.
    #[schema(min_length = 1, max_length = 2000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Which readings of a seat to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StanceQuery {
    /// Readings of this contact.
    pub contact_id: Option<ContactId>,
    /// Readings for this opportunity alone.
    pub opportunity: Option<OpportunityId>,
}

/// Which decision chain: the customer's own, or an opportunity's.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChainQuery {
    /// The opportunity's chain instead of the customer's own.
    pub opportunity: Option<OpportunityId>,
}

/// The day a chain is drawn for.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChainDay {
    /// Seats, holders and stances as of this day; today, where the customer is, when left out. Roles, weights, influence
    /// and matching persons are as they are now.
    pub as_of: Option<NaiveDate>,
}

/// A seat's place in a chain. Of an opportunity: that the seat is in its chain, and what differs there from the seat
/// itself. Of the customer's own chain, in which every seat is: the matching person only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChainSeatSettings {
    /// In an opportunity only; the position's own where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_role: Option<DecisionRole>,
    /// In an opportunity only; the position's own where left out.
    #[schema(minimum = 0, maximum = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vote_weight: Option<i32>,
    /// Who of ours matches this seat (高层对接): an employee's code, or whatever else tells; in an opportunity, where left out,
    /// the one of the customer's own chain. No code is refused, since the employee may come to be known later; what is found
    /// wrong with him is found of codes that are known.
    #[schema(min_length = 1, max_length = 100, example = "li.wei")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matching_employee: Option<String>,
}

/// A seat's place in a chain as it was last set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChainSeat {
    pub customer_id: CustomerId,
    /// Null: the customer's own chain.
    pub opportunity_id: Option<OpportunityId>,
    pub position_id: PositionId,
    pub decision_role: Option<DecisionRole>,
    pub vote_weight: Option<i32>,
    pub matching_employee: Option<String>,
    pub updated_at: DateTime<Utc>,
}

/// How strongly one seat sways another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InfluenceStrength {
    /// From -3, sways strongly against, to 3, sways strongly in favour; not 0.
    #[schema(minimum = -3, maximum = 3)]
    pub strength: i32,
}

/// How one seat sways another in a chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Influence {
    pub customer_id: CustomerId,
    /// Null: in the customer's own chain.
    pub opportunity_id: Option<OpportunityId>,
    pub from: PositionId,
    pub to: PositionId,
    /// From -3 to 3, not 0.
    pub strength: i32,
    pub updated_at: DateTime<Utc>,
}

/// A decision chain (决策链) as of a day, ready to draw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DecisionChain {
    pub customer_id: CustomerId,
    /// Null: the customer's own chain.
    pub opportunity_id: Option<OpportunityId>,
    pub as_of: NaiveDate,
    /// The seats, from the top of the chart downwards.
    pub nodes: Vec<ChainNode>,
    pub edges: Vec<ChainEdge>,
    pub weights: ChainWeights,
    pub coverage: ChainCoverage,
    /// What is wrong or missing: of the chain as a whole first, then seat by seat.
    pub findings: Vec<Finding>,
}

/// A seat in a chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChainNode {
    pub position_id: PositionId,
    pub title: String,
    /// As the position says; 1 is the top.
    pub level: Option<i32>,
    /// Row to draw it in: 1 for seats that report to none of the chain, one more for each seat in between.
    pub row: i32,
    pub decision_role: Option<DecisionRole>,
    pub vote_weight: Option<i32>,
    /// Its weight divided by the sum of all in the chain, 0 to 1; 0 for all while the sum is 0.
    pub vote_share: f64,
    /// Decides, approves, evaluates or buys, or has a vote weight of 15 or more.
    pub is_key: bool,
    /// Who holds it on the day; several share it.
    pub holders: Vec<ChainHolder>,
    /// The latest reading of its holders.
    pub stance: Option<Stance>,
    /// Who of ours matches this seat: an employee's code, or whatever else was given.
    pub matching_employee: Option<String>,
}

/// Who holds a seat on the day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChainHolder {
    pub contact_id: ContactId,
    pub name: String,
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
    /// The reading that counts.
    pub stance: Option<StanceReading>,
}

/// A line between two seats of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChainEdge {
    pub kind: ChainEdgeKind,
    /// Who reports, or who sways.
    pub from: PositionId,
    /// The nearest seat above that is in the chain, or who is swayed.
    pub to: PositionId,
    /// Of influence: from -3 to 3, not 0.
    pub strength: Option<i32>,
}

/// What the vote weights of a chain add up to. They are meant to be 100 together; shares are computed whatever they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChainWeights {
    pub sum: i32,
    /// To 100, or 0.
    pub missing: i32,
    /// Beyond 100, or 0.
    pub over: i32,
    /// Seats without a weight, which count as 0.
    pub unweighted: i64,
}

/// How much of a chain we have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChainCoverage {
    pub seats: i64,
    /// Seats with a holder.
    pub filled: i64,
    /// Seats with a matching person of ours.
    pub matched: i64,
    /// Seats with a stance read of a present holder.
    pub with_stance: i64,
    pub key_seats: i64,
    /// Key seats with a holder, a matching person and a stance read.
    pub key_seats_covered: i64,
    /// Sum of the weights of seats with a holder and a matching person.
    pub weight_covered: i32,
}

/// What is wrong or missing in a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    pub code: FindingCode,
    /// The seat it is about, if one.
    pub position_id: Option<PositionId>,
    /// The person it is about, if one.
    pub contact_id: Option<ContactId>,
    pub message: String,
}
