use database::Db;
use registry_contract::{FileReading, ImportMatch, ImportProfile, ImportProfileId, StartImport};
use serde::{Deserialize, Serialize};

use crate::domain::import::{Mapping, Reading, defaults};
use crate::error::{Error, Result};
use crate::store;

/// What is to be done with a file: what the request says, and of the rest what its profile said when it began.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Order {
    pub start: StartImport,
    pub reading: FileReading,
}

impl Order {
    pub async fn of(db: &Db, start: StartImport) -> Result<Self> {
        let mut reading = match &start.profile {
            Some(profile) => profile_called(db, profile).await?.reading,
            None => FileReading::default(),
        };
        let asked = start.clone();
        reading.system = asked.system.or(reading.system);
        reading.match_by = asked.match_by.or(reading.match_by);
        reading.charset = asked.charset.or(reading.charset);
        reading.delimiter = asked.delimiter.or(reading.delimiter);
        Ok(Self { start, reading })
    }

    pub fn match_by(&self) -> ImportMatch {
        self.reading.match_by.unwrap_or_default()
    }

    pub fn mapping(&self, headers: Vec<String>) -> Result<Mapping> {
        let (map, system) = (self.start.map.as_deref(), self.reading.system.as_deref());
        Ok(Mapping::read_as(headers, map, &self.reading.columns, system)?)
    }

    /// What customers are that rows create, where the rows do not say.
    pub fn defaults(&self) -> Result<Reading> {
        Ok(defaults(&self.reading.defaults, self.reading.system.as_deref())?)
    }
}

async fn profile_called(db: &Db, called: &str) -> Result<ImportProfile> {
    let mut conn = db.read().await?;
    let row = match called.parse::<ImportProfileId>() {
        Ok(id) => store::find_import_profile(&mut conn, id).await?,
        Err(_) => store::import_profile_named(&mut conn, called).await?,
    };
    Ok(row.ok_or_else(|| Error::ImportProfileNotFound(called.to_owned()))?.try_into()?)
}
