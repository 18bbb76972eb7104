//! Reading the published file layout (stub, replaced by the importer).
