"""The Blob endpoint with the real clients: azure-storage-blob, its asynchronous half, adlfs, and the blocks of prefect-azure."""

import hashlib
from collections.abc import Iterator

import pytest

from tests.emulator.data_plane.blob_sites import (
    EMBEDDED_FLAT,
    FLAT,
    HIERARCHICAL,
    OTHER,
    BlobSite,
    EmbeddedBlobs,
    add_flat_account,
    azurite,
)
from tests.emulator.data_plane.data_site import LAKE, DataSite, build
from tests.emulator.server_process import serving


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataSite]:
    state = tmp_path_factory.mktemp("azure")
    with serving(state) as server:
        site = build(server, state)
        add_flat_account(site)
        yield site


@pytest.fixture(scope="module", params=[HIERARCHICAL, OTHER])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlobSite]:
    if request.param in (HIERARCHICAL, EMBEDDED_FLAT):
        embedded: DataSite = request.getfixturevalue("embedded")
        flat = request.param == EMBEDDED_FLAT
        yield EmbeddedBlobs(embedded, FLAT if flat else LAKE, folders=not flat)
        return
    with azurite(tmp_path_factory.mktemp("azurite")) as found:
        yield found


every_namespace = pytest.mark.parametrize("site", [HIERARCHICAL, EMBEDDED_FLAT, OTHER], indirect=True)


@every_namespace
def test_a_blob_is_written_read_described_and_deleted(site: BlobSite) -> None:
    program = """
blob = landing.get_blob_client("in/orders ä&.csv")
settings = ContentSettings(content_type="text/csv", content_language="de")
made = blob.upload_blob(b"a,b\\n1,2\\n", metadata={"source": "erp"}, content_settings=settings, validate_content=True)
whole = blob.download_blob().readall().decode()
part = blob.download_blob(offset=2, length=3).readall().decode()
found = blob.get_blob_properties()
names = [(one.name, one.size) for one in landing.list_blobs(include=["metadata"])]
kinds = {one.name: (one.metadata or {}).get("hdi_isfolder") for one in landing.list_blobs(include=["metadata"])}
top = [one.name for one in landing.walk_blobs()]
blob.set_blob_metadata({"source": "crm"})
changed = blob.get_blob_properties()
blob.delete_blob()
print(json.dumps({
    "whole": whole, "part": part, "size": found.size, "type": found.content_settings.content_type,
    "language": found.content_settings.content_language, "metadata": found.metadata, "same": made["etag"] == found.etag,
    "names": names, "kinds": kinds, "top": top, "later": changed.metadata, "new": changed.etag != found.etag,
    "gone": refused(lambda: blob.get_blob_properties()), "exists": blob.exists(),
    "md5": bytes(found.content_settings.content_md5).hex()}))
"""
    found = site.results(program)
    assert found["whole"] == "a,b\n1,2\n"
    assert found["part"] == "b\n1"
    assert (found["size"], found["type"], found["language"]) == (8, "text/csv", "de")
    assert found["metadata"] == {"source": "erp"}
    assert found["same"]
    assert found["new"]
    folders = {"in": "true"} if site.folders else {}
    assert found["names"] == [*([name, 0] for name in folders), ["in/orders ä&.csv", 8]]
    assert found["kinds"] == {**folders, "in/orders ä&.csv": None}
    assert found["top"] == ["in/"]
    assert found["later"] == {"source": "crm"}
    assert found["gone"] == [404, "BlobNotFound"]
    assert not found["exists"]
    assert found["md5"] == hashlib.md5(b"a,b\n1,2\n", usedforsecurity=False).hexdigest()


def test_large_blobs_are_sent_in_blocks_and_read_in_ranges(site: BlobSite) -> None:
    program = """
import hashlib
content = os.urandom(3_000_001)
small = BlobServiceClient(URL, credential=credential, max_single_put_size=65536, max_block_size=262144,
                          max_single_get_size=262144, max_chunk_get_size=262144)
blob = small.get_blob_client("landing", "large.bin")
blob.upload_blob(content, max_concurrency=3, overwrite=True)
read = blob.download_blob(max_concurrency=3).readall()
blob.stage_block("YWFh", b"one")
blob.stage_block("YmJi", b"two")
before = blob.get_block_list("all")
blob.commit_block_list([BlobBlock("YmJi"), BlobBlock("YWFh"), BlobBlock("YmJi")])
after = blob.download_blob().readall().decode()
log = service.get_blob_client("landing", "log.txt")
log.create_append_blob()
log.append_block(b"first ")
log.append_block(b"second")
print(json.dumps({
    "same": read == content, "committed": len(before[0]), "uncommitted": [one.id for one in before[1]], "after": after,
    "appended": log.download_blob().readall().decode(),
    "unknown": refused(lambda: blob.commit_block_list([BlobBlock("eHh4")])),
    "length": refused(lambda: (blob.stage_block("YWFh", b"x"), blob.stage_block("YWFhYWFh", b"x")))}))
"""
    found = site.results(program)
    assert found["same"]
    assert found["committed"] == 12
    assert found["uncommitted"] == ["YWFh", "YmJi"]
    assert found["after"] == "twoonetwo"
    assert found["appended"] == "first second"
    assert found["unknown"] == [400, "InvalidBlockList"]
    assert found["length"] == [400, "InvalidBlobOrBlock"]


def test_conditions_and_checks_of_contents_are_those_of_azure(site: BlobSite) -> None:
    program = """
from azure.core import MatchConditions
blob = landing.get_blob_client("one.txt")
first = blob.upload_blob(b"1", overwrite=True)["etag"]
second = blob.upload_blob(b"2", overwrite=True)["etag"]
same = MatchConditions.IfNotModified
import base64
CHECK = base64.b64encode((0xAE8B14860A799888).to_bytes(8, "little")).decode()  # check value of CRC-64/NVME
def header(**more):
    return lambda request: request.http_request.headers.update(more)
print(json.dumps({
    "exists": refused(lambda: blob.upload_blob(b"3")),
    "lost": refused(lambda: blob.upload_blob(b"3", overwrite=True, etag=first, match_condition=same)),
    "won": refused(lambda: blob.upload_blob(b"3", overwrite=True, etag=second, match_condition=same)),
    "unchanged": refused(lambda: blob.get_blob_properties(
        etag=blob.get_blob_properties().etag, match_condition=MatchConditions.IfModified)),
    "md5": refused(lambda: blob.upload_blob(b"4", overwrite=True, raw_request_hook=header(**{"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}))),
    "crc": refused(lambda: blob.upload_blob(b"4", overwrite=True, raw_request_hook=header(**{"x-ms-content-crc64": "AAAAAAAAAAA="}))),
    "good crc": refused(lambda: blob.upload_blob(b"123456789", overwrite=True, raw_request_hook=header(**{"x-ms-content-crc64": CHECK}))),
    "range": refused(lambda: blob.download_blob(offset=50, length=1).readall()),
    "container": refused(lambda: service.get_blob_client("no-such", "x").upload_blob(b"1")),
    "left out": [] if KEY else refused(lambda: blob.acquire_lease()),
    "content": blob.download_blob().readall().decode()}))
"""
    found = site.results(program)
    assert found["exists"] == [409, "BlobAlreadyExists"]
    assert found["lost"] == [412, "ConditionNotMet"]
    assert found["won"] == []
    assert found["unchanged"][0] == 304
    assert found["md5"] == [400, "Md5Mismatch"]
    assert found["crc"] == [400, "Crc64Mismatch"]
    assert found["good crc"] == []
    assert found["range"] == [416, "InvalidRange"]
    assert found["container"] == [404, "ContainerNotFound"]
    assert found["left out"] == ([501, "NotImplemented"] if isinstance(site, EmbeddedBlobs) else [])
    assert found["content"] == "123456789"


@every_namespace
def test_lists_have_pages_prefixes_and_directories(site: BlobSite) -> None:
    program = """
silver = service.get_container_client("silver")
for name in ("a/1", "a/2", "a/b/3", "c", "d/4"):
    silver.upload_blob(name, b"x")
pages = silver.list_blobs(results_per_page=2).by_page()
walked = [[one.name for one in page] for page in pages]
print(json.dumps({
    "pages": walked, "under": [one.name for one in silver.list_blobs(name_starts_with="a/")],
    "top": [one.name for one in silver.walk_blobs()],
    "in a": [one.name for one in silver.walk_blobs(name_starts_with="a/")],
    "full": refused(lambda: silver.delete_blob("a")),
    "file": refused(lambda: silver.upload_blob("c/below", b"x")),
    "containers": [one.name for one in service.list_containers()]}))
"""
    found = site.results(program)
    assert sorted(found["top"]) == ["a/", "c", "d/"]
    assert sorted(found["in a"]) == ["a/1", "a/2", "a/b/"]
    if site.folders:
        assert found["pages"] == [["a", "a/1"], ["a/2", "a/b"], ["a/b/3", "c"], ["d", "d/4"]]
        assert found["under"] == ["a/1", "a/2", "a/b", "a/b/3"]
        assert found["full"] == [409, "DirectoryIsNotEmpty"]
        assert found["file"][0] == 409
    else:
        assert found["pages"] == [["a/1", "a/2"], ["a/b/3", "c"], ["d/4"]]
        assert found["under"] == ["a/1", "a/2", "a/b/3"]
        assert (found["full"], found["file"]) == ([404, "BlobNotFound"], [])
    assert found["containers"] == ["bronze", "gold", "landing", "silver"]


def test_a_blob_is_copied_within_the_account(site: BlobSite) -> None:
    program = """
source = landing.get_blob_client("copied.txt")
source.upload_blob(b"content", metadata={"a": "b"}, overwrite=True)
target = service.get_blob_client("bronze", "deep/copied.txt")
started = target.start_copy_from_url(source.url)
source.delete_blob()
print(json.dumps({
    "status": started["copy_status"], "content": target.download_blob().readall().decode(),
    "metadata": target.get_blob_properties().metadata,
    "missing": refused(lambda: target.start_copy_from_url(source.url))}))
"""
    found = site.results(program)
    assert found == {
        "status": "success",
        "content": "content",
        "metadata": {"a": "b"},
        # Azure's code (github.com/Azure/azure-powershell/issues/12287 shows it with the status); Azurite has another one.
        "missing": [404, "CannotVerifyCopySource" if isinstance(site, EmbeddedBlobs) else "BlobNotFound"],
    }


@pytest.mark.parametrize("site", [HIERARCHICAL], indirect=True)
def test_the_data_role_of_the_token_decides(site: BlobSite) -> None:
    site.results("landing.upload_blob('roles.txt', b'1', overwrite=True)\nprint('{}')")
    program = """
other = BlobServiceClient(URL, credential="a2V5", retry_total=0)
class Wrong:
    def get_token(self, *scopes, **more):
        return credential.get_token("https://vault.azure.net/.default")
wrong = BlobServiceClient(URL, credential=Wrong(), retry_total=0)
signed = BlobClient.from_blob_url(URL + "/landing/roles.txt?sv=2023-11-03&sr=b&sig=abc", retry_total=0)
bare = BlobClient.from_blob_url(URL + "/landing/roles.txt", retry_total=0)
blob = landing.get_blob_client("roles.txt")
print(json.dumps({
    "read": refused(lambda: blob.download_blob().readall()),
    "write": refused(lambda: blob.upload_blob(b"2", overwrite=True)),
    "delete": refused(lambda: blob.delete_blob()),
    "other container": refused(lambda: list(service.get_container_client("gold").list_blobs())),
    "key": refused(lambda: other.get_blob_client("landing", "roles.txt").download_blob()),
    "audience": refused(lambda: wrong.get_blob_client("landing", "roles.txt").get_blob_properties()),
    "sas": refused(lambda: signed.download_blob()), "nothing": refused(lambda: bare.download_blob())}))
"""
    found = site.results(program, "reader")
    mismatch = [403, "AuthorizationPermissionMismatch"]
    assert found["read"] == []
    assert (found["write"], found["delete"], found["other container"]) == (mismatch, mismatch, mismatch)
    assert found["key"] == [403, "KeyBasedAuthenticationNotPermitted"]
    assert found["audience"][0] == 401
    assert found["sas"] == [403, "KeyBasedAuthenticationNotPermitted"]
    assert found["nothing"] == [401, "NoAuthenticationInformation"]
    assert site.results(program, "stranger")["read"] == mismatch


def test_asynchronous_clients_adlfs_and_the_blocks_of_prefect_work(site: BlobSite) -> None:
    program = """
import asyncio
from azure.storage.blob.aio import BlobServiceClient as AsyncService
from adlfs import AzureBlobFileSystem
found = {}
async def work():
    who = SHARED if KEY else AsyncCredential(client_id=os.environ["AZURE_CLIENT_ID"])
    async with AsyncService(URL, credential=who) as client:
        blob = client.get_blob_client("gold", "async/x.txt")
        await blob.upload_blob(b"async", overwrite=True)
        found["async"] = (await (await blob.download_blob()).readall()).decode()
        found["names"] = [one.name async for one in client.get_container_client("gold").list_blobs()]
    if not KEY:
        await who.close()
asyncio.run(work())
identity = {} if KEY else {"credential": AsyncCredential(client_id=os.environ["AZURE_CLIENT_ID"])}
files = AzureBlobFileSystem(account_name=ACCOUNT, connection_string=CONNECTION if KEY else None, **identity)
with files.open("gold/report/2026/a.txt", "wb") as file:
    file.write(b"x" * 100)
files.pipe_file("gold/report/2026/b.txt", b"second")
files.cp_file("gold/report/2026/b.txt", "gold/report/c.txt")
found["ls"] = files.ls("gold/report")
found["find"] = files.find("gold/report")
found["cat"] = files.cat_file("gold/report/c.txt").decode()
found["size"] = files.info("gold/report/2026/a.txt")["size"]
files.rm("gold/report", recursive=True)
found["left"] = files.exists("gold/report/c.txt")
from prefect_azure import AzureBlobStorageContainer, AzureBlobStorageCredentials
async def block():
    who = AzureBlobStorageCredentials(**({"connection_string": CONNECTION} if KEY else {"account_url": URL}))
    container = AzureBlobStorageContainer(container_name="landing", credentials=who)
    await container.write_path("by/block.txt", b"block")
    return (await container.read_path("by/block.txt")).decode()
found["block"] = asyncio.run(block())
print(json.dumps(found))
"""
    found = site.results(program)
    assert found["async"] == "async"
    assert "async/x.txt" in found["names"]
    assert sorted(found["ls"]) == ["gold/report/2026", "gold/report/c.txt"]
    assert found["find"] == ["gold/report/2026/a.txt", "gold/report/2026/b.txt", "gold/report/c.txt"]
    assert (found["cat"], found["size"], found["left"], found["block"]) == ("second", 100, False, "block")
