"""Uploads of pictures are read as they come: no size fills memory, and each file can be named."""

from reports.domain.intake.photos import MAX_BYTES
from reports.security.uploads import PictureUploads

CHUNK = bytes(PictureUploads.chunk_size)


def upload(handler, name, size):
    """Feed a file to the handler in chunks; return what it kept, and hold that it knows the size."""
    handler.new_file("photos", name, "image/jpeg", None)
    for start in range(0, size, len(CHUNK)):
        assert handler.receive_data_chunk(CHUNK[: size - start], start) is None
    file = handler.file_complete(size)
    assert (file.name, file.size) == (name, size)
    return file.read()


def test_a_file_of_the_most_bytes_is_kept_and_one_more_is_not():
    handler = PictureUploads()
    kept = [len(upload(handler, f"{size}.jpg", size)) for size in (0, 1, MAX_BYTES, MAX_BYTES + 1)]
    assert kept == [0, 1, MAX_BYTES, 0]
