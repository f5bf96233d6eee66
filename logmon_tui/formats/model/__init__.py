"""What every format has in common: hits, alone and by columns, and their fields.

No format is known here. What a line's texts stand for is worked out once for each distinct text.
"""
