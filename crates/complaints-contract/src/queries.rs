use chrono::{DateTime, Utc};
use registry_contract::{AnyOf, CustomerId};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use wire::Reference;

use crate::{Channel, ImportOutcome, State};

/// Which complaints to list, and how.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ComplaintQuery {
    /// Any of these states, comma-separated.
    #[param(value_type = Option<String>, example = "received,acknowledged")]
    pub state: Option<AnyOf<State>>,
    /// Whether work is still owed: received, acknowledged, investigating or responded.
    pub open: Option<bool>,
    /// Any of these severities, 1 to 4.
    #[param(value_type = Option<String>, example = "1,2")]
    pub severity: Option<AnyOf<i16>>,
    /// Any of these channels.
    #[param(value_type = Option<String>)]
    pub channel: Option<AnyOf<Channel>>,
    /// Of any of these customers, by id or code.
    #[param(value_type = Option<String>)]
    pub customer_id: Option<AnyOf<Reference<CustomerId>>>,
    /// Whether the customer is known here.
    pub customer_known: Option<bool>,
    /// Handled by any of these users.
    #[param(value_type = Option<String>)]
    pub handler: Option<AnyOf<String>>,
    /// Come from this other system.
    #[param(max_length = 50)]
    pub external_system: Option<String>,
    /// Changed at this instant or later.
    pub updated_since: Option<DateTime<Utc>>,
    /// Received at this instant or later.
    pub received_from: Option<DateTime<Utc>>,
    /// Received before this instant.
    pub received_until: Option<DateTime<Utc>>,
    /// How many at most, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Any of `received_at`, `updated_at`, `number`, `severity`, comma-separated; `-` before one turns it round.
    #[param(example = "severity,received_at")]
    pub sort: Option<String>,
    /// `exact` also counts all that match.
    pub count: Option<String>,
}

/// Which complaints to sum up.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SummaryQuery {
    /// Of any of these customers, by id or code.
    #[param(value_type = Option<String>)]
    pub customer_id: Option<AnyOf<Reference<CustomerId>>>,
    /// Come from this other system.
    #[param(max_length = 50)]
    pub external_system: Option<String>,
}

/// Which entries of a history to list; the oldest come first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct HistoryQuery {
    /// How many at most, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `seq`, or `-seq` for the newest first.
    pub sort: Option<String>,
    /// `exact` also counts all that match.
    pub count: Option<String>,
}

/// How to read the file in the body.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct StartComplaintImport {
    /// `column:field` pairs, comma-separated, over the reading by column names. An empty field (`State:`) leaves the
    /// column out. Columns read as the same text field are joined in the file's order.
    #[param(max_length = 2000, example = "Ticket:external_id,Opened:received_at")]
    pub map: Option<String>,
    /// The system that the columns read as `external_id` and `customer_external` hold keys of. Taken to be `cfpb` for a
    /// file of the Consumer Financial Protection Bureau, else needed where there is such a column.
    #[param(max_length = 50, example = "zendesk")]
    pub system: Option<String>,
}

/// Which rows of an import to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ComplaintImportRowQuery {
    /// Any of these outcomes.
    #[param(value_type = Option<String>, example = "refused")]
    pub outcome: Option<AnyOf<ImportOutcome>>,
    /// How many at most, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `row`, or `-row`.
    pub sort: Option<String>,
    /// `exact` also counts all that match.
    pub count: Option<String>,
}
