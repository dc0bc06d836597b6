# Makes the bucket and the platform's user in it. Run again it changes nothing.
set -eu
export MC_CONFIG_DIR=/tmp/mc
mc alias set esign http://minio:9000 root "$MINIO_ROOT_PASSWORD"
mc mb --ignore-existing esign/esign
mc admin user add esign esign "$S3_SECRET_ACCESS_KEY"
mc admin policy create esign esign-files /policy.json
mc admin policy attach esign esign-files --user esign || mc admin user info esign esign | grep -q esign-files
