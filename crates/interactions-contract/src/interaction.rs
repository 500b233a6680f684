use chrono::{DateTime, Utc};
use registry_contract::{AnyOf, ContactId, CustomerId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::{Reference, entity, words};

use crate::InteractionId;

words! {
    /// The way an interaction took place.
    InteractionChannel {
        /// Face to face (拜访).
        Visit = "visit",
        Call = "call",
        Video = "video",
        Email = "email",
        /// Instant message or SMS.
        Im = "im",
        Web = "web",
        Portal = "portal",
        Event = "event",
    }
}

words! {
    /// The means (手段) an interaction used. The first five are the five means of the 151 practice.
    Means {
        /// 参观公司
        CompanyVisit = "company_visit",
        /// 参观样板点
        ShowcaseVisit = "showcase_visit",
        /// 现场会
        OnSiteMeeting = "on_site_meeting",
        /// 技术交流
        TechnicalExchange = "technical_exchange",
        /// 管理和经营研究
        ManagementStudy = "management_study",
        /// 例行拜访
        RoutineVisit = "routine_visit",
        /// 恳谈会
        ServiceForum = "service_forum",
        /// 年会
        AnnualMeeting = "annual_meeting",
        /// 峰会
        Summit = "summit",
        /// 服务热线
        Hotline = "hotline",
        /// 客户培训
        Training = "training",
        /// 调查
        SurveyVisit = "survey_visit",
        /// 高层会晤
        ExecutiveMeeting = "executive_meeting",
    }
}

/// An interaction (接触) to log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInteraction {
    /// The customer's id, or its code such as `C-000123`. An id not heard of yet is accepted and shown with
    /// `customer_known: false` until the registry's event arrives; a code not heard of is refused.
    #[schema(value_type = String, min_length = 1, max_length = 50, example = "C-000123")]
    pub customer_id: Reference<CustomerId>,
    /// When it took place; at most 5 minutes in the future.
    pub occurred_at: DateTime<Utc>,
    /// How long it took, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1440)]
    pub duration_minutes: Option<i32>,
    pub channel: InteractionChannel,
    pub means: Means,
    #[schema(min_length = 1, max_length = 200)]
    pub subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10000)]
    pub notes: Option<String>,
    /// How it went: 0 harmful, 1 poor, 2 neutral, 3 good, 4 excellent. Absent: not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 4)]
    pub outcome: Option<i16>,
    /// The customer's people who took part; no one twice.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub contact_ids: Vec<ContactId>,
    /// Our people who took part, by user name; no one twice.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub staff: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 1000)]
    pub next_step: Option<String>,
}

/// A change of an interaction (JSON Merge Patch): absent leaves as it is, `null` clears.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InteractionPatch {
    /// The customer it was really with: id or code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, min_length = 1, max_length = 50, nullable = false)]
    pub customer_id: Option<Reference<CustomerId>>,
    /// When it took place; at most 5 minutes in the future.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub occurred_at: Option<DateTime<Utc>>,
    /// How long it took, in minutes.
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 1440)]
    pub duration_minutes: Option<Option<i32>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub channel: Option<InteractionChannel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub means: Option<Means>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub subject: Option<String>,
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 10000)]
    pub notes: Option<Option<String>>,
    /// How it went: 0 harmful, 1 poor, 2 neutral, 3 good, 4 excellent.
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i16>, minimum = 0, maximum = 4)]
    pub outcome: Option<Option<i16>>,
    /// The customer's people who took part, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_items = 50)]
    pub contact_ids: Option<Vec<ContactId>>,
    /// Our people who took part, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_items = 50)]
    pub staff: Option<Vec<String>>,
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1000)]
    pub next_step: Option<Option<String>>,
}

impl InteractionPatch {
    /// Writes what is present over `interaction`.
    pub fn apply(self, interaction: &mut NewInteraction) {
        macro_rules! over {
            ($($field:ident)*) => { $(if let Some(value) = self.$field { interaction.$field = value; })* };
        }
        over!(customer_id occurred_at duration_minutes channel means subject notes outcome contact_ids staff next_step);
    }
}

/// An interaction (接触): what took place between the customer's people and ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Interaction {
    pub id: InteractionId,
    /// The number people use.
    #[schema(example = "I-000123")]
    pub code: String,
    pub customer_id: CustomerId,
    /// Whether the registry's event about this customer has arrived here.
    pub customer_known: bool,
    pub occurred_at: DateTime<Utc>,
    pub duration_minutes: Option<i32>,
    pub channel: InteractionChannel,
    pub means: Means,
    pub subject: String,
    pub notes: Option<String>,
    /// 0 harmful, 1 poor, 2 neutral, 3 good, 4 excellent.
    pub outcome: Option<i16>,
    /// In the order given.
    pub contact_ids: Vec<ContactId>,
    pub staff: Vec<String>,
    pub next_step: Option<String>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(Interaction at "/api/v1/interactions");

impl From<&Interaction> for NewInteraction {
    fn from(interaction: &Interaction) -> Self {
        let Interaction { customer_id, occurred_at, duration_minutes, channel, means, outcome, .. } = *interaction;
        Self {
            customer_id: Reference::Id(customer_id),
            occurred_at,
            duration_minutes,
            channel,
            means,
            subject: interaction.subject.clone(),
            notes: interaction.notes.clone(),
            outcome,
            contact_ids: interaction.contact_ids.clone(),
            staff: interaction.staff.clone(),
            next_step: interaction.next_step.clone(),
        }
    }
}

/// Which interactions to list, and how.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InteractionQuery {
    /// With any of these customers: ids or codes, comma-separated; one that was merged away stands for what it has become.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub customer_id: Option<AnyOf<Reference<CustomerId>>>,
    /// With any of these contacts present.
    #[param(value_type = Option<Vec<Uuid>>, explode = false)]
    pub contact_id: Option<AnyOf<ContactId>>,
    /// By any of these channels.
    #[param(value_type = Option<Vec<InteractionChannel>>, explode = false)]
    pub channel: Option<AnyOf<InteractionChannel>>,
    /// By any of these means.
    #[param(value_type = Option<Vec<Means>>, explode = false)]
    pub means: Option<AnyOf<Means>>,
    /// With any of these people of ours present, by user name.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub staff: Option<AnyOf<String>>,
    /// Took place at this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Took place before this instant.
    pub until: Option<DateTime<Utc>>,
    /// Changed at this instant or later.
    pub updated_since: Option<DateTime<Utc>>,
}
