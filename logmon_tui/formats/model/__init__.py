"""What all formats share: fields, converters, single hits, and batches of hits as columns.

This room knows no format. A batch holds each distinct text once, so that whatever is expensive is
done once for each distinct text, not once for each hit. `hit_batch` holds the result, `batching`
builds it, `columns` and `dimension_columns` turn the texts of fields into what hits are counted by.
"""
