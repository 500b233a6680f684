use complaints_contract::Complaint;
use interactions_contract::Interaction;
use registry_contract::{Contact, Customer, Position};
use scoring_contract::Score;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Everything about a customer in one answer. The parts are passed on as the services gave them, so that a field a
/// service adds needs no new gateway.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Customer360 {
    #[schema(value_type = Customer)]
    pub customer: Value,
    /// Up to 200.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Contact>>, nullable = false)]
    pub contacts: Option<Vec<Value>>,
    /// Up to 200.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Position>>, nullable = false)]
    pub positions: Option<Vec<Value>>,
    /// `null` as long as the customer has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Score>)]
    pub score: Option<Value>,
    /// The latest 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Interaction>>, nullable = false)]
    pub interactions: Option<Vec<Value>>,
    /// The latest 20, those not settled first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Complaint>>, nullable = false)]
    pub complaints: Option<Vec<Value>>,
    /// Services that did not answer: their parts are missing for now.
    #[schema(example = json!(["scoring"]))]
    pub unavailable: Vec<&'static str>,
    /// Parts the caller may not read.
    #[schema(example = json!([]))]
    pub withheld: Vec<&'static str>,
}
