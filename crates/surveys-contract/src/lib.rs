#![doc = include_str!("../README.md")]

pub mod v1;

wire::id!(
    /// Identifies an invitation to a survey.
    InvitationId
);
wire::id!(
    /// Identifies a survey.
    SurveyId
);
