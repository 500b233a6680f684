use std::collections::HashMap;

use database::{Db, Id};
use registry_contract::{Contact, ContactQuery};

use super::{PAGE, Rows};
use crate::domain::export::ContactColumn;
use crate::error::{Error, Result};
use crate::reads::Reader;
use crate::store;

/// Which contacts to export, for whom.
pub struct ContactExport {
    wanted: ContactQuery,
    columns: Vec<ContactColumn>,
    reads_customers: bool,
    reader: Reader,
}

impl ContactExport {
    /// With the columns of these names, or all.
    pub fn of(wanted: ContactQuery, columns: Option<&str>, reads_customers: bool, reader: Reader) -> Result<Self> {
        let columns = match columns {
            Some(names) => ContactColumn::named(names).map_err(|faults| Error::QueryInvalid(faults.into_vec()))?,
            None => ContactColumn::all(),
        };
        Ok(Self { wanted, columns, reads_customers, reader })
    }

    /// Columns that are empty, since the caller may not read customers.
    pub fn withheld(&self) -> Vec<String> {
        let withheld = self.columns.iter().filter(|column| column.is_of_customer() && !self.reads_customers);
        withheld.map(|column| column.name().to_owned()).collect()
    }

    pub fn header(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name().to_owned()).collect()
    }

    /// The rows of the contacts behind one, and who the last of them is.
    pub async fn page(&self, db: &Db, after: Option<Id>) -> Result<Option<(Id, Rows)>> {
        self.reader.settle(db).await?;
        let conn = &mut db.read().await?;
        let rows = store::contacts_among_after(conn, &self.wanted, after, PAGE).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(None) };
        self.reader.note(rows.iter().map(|row| row.id.get()));
        let customers = match self.reads_customers {
            true => {
                let ids: Vec<Id> = rows.iter().map(|row| row.customer_id).collect();
                store::codes_and_names_of(conn, &ids).await?
            }
            false => HashMap::new(),
        };
        let row = |contact: Contact| {
            let whose = customers.get(&contact.customer_id);
            self.columns.iter().map(|column| column.cell(&contact, whose)).collect()
        };
        Ok(Some((last, rows.into_iter().map(Contact::from).map(row).collect())))
    }
}
