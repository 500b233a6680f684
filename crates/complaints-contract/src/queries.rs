use chrono::{DateTime, Utc};
use registry_contract::{AnyOf, CustomerId};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use wire::Reference;

use crate::{Channel, Clock, ImportOutcome, State};

/// Which complaints to list, and how.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ComplaintQuery {
    /// Any of these states, comma-separated.
    #[param(value_type = Option<Vec<State>>, explode = false)]
    pub state: Option<AnyOf<State>>,
    /// Whether work is still owed to the customer: every state up to `escalated`, and `waiting`.
    pub open: Option<bool>,
    /// Any of these severities, 1 to 4.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub severity: Option<AnyOf<i16>>,
    /// Whether someone's safety is at stake.
    pub safety: Option<bool>,
    /// Whether it is about our own people: the restricted queue, for callers with `complaints:restricted`.
    pub restricted: Option<bool>,
    /// Any of these channels.
    #[param(value_type = Option<Vec<Channel>>, explode = false)]
    pub channel: Option<AnyOf<Channel>>,
    /// Of any of these customers, by id or code; of one that was merged away, by what it has become.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub customer_id: Option<AnyOf<Reference<CustomerId>>>,
    /// Whether the customer is known here.
    pub customer_known: Option<bool>,
    /// Handled by any of these users.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub handler: Option<AnyOf<String>>,
    /// About this order, as it is written there.
    #[param(max_length = 100)]
    pub order_number: Option<String>,
    /// Come from this other system.
    #[param(max_length = 50)]
    pub external_system: Option<String>,
    /// Changed at this instant or later.
    pub updated_since: Option<DateTime<Utc>>,
    /// Received at this instant or later.
    pub received_from: Option<DateTime<Utc>>,
    /// Received before this instant.
    pub received_until: Option<DateTime<Utc>>,
    /// Whether a promise is overdue: that of `clock` where one is named.
    pub overdue: Option<bool>,
    /// Where this clock runs; `sort=next_due` goes by it instead of by whatever is due next.
    #[param(inline)]
    pub clock: Option<Clock>,
}

/// Which complaints to sum up.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SummaryQuery {
    /// Of any of these customers, by id or code; of one that was merged away, by what it has become.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub customer_id: Option<AnyOf<Reference<CustomerId>>>,
    /// Come from this other system.
    #[param(max_length = 50)]
    pub external_system: Option<String>,
}

/// How to read the file in the body.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StartComplaintImport {
    /// `column:field` pairs, comma-separated, over the reading by column names. An empty field (`State:`) leaves the
    /// column out. Columns read as the same text field are joined in the file's order. Rows without a channel count as
    /// tickets of the desk.
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
pub struct ComplaintImportRowQuery {
    /// Any of these outcomes.
    #[param(value_type = Option<Vec<ImportOutcome>>, explode = false)]
    pub outcome: Option<AnyOf<ImportOutcome>>,
}
